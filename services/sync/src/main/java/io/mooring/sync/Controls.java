package io.mooring.sync;

import io.mooring.sync.core.CloudControl;
import io.mooring.sync.db.ControlStore;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is set of the clouds' sync at run time. Asked within each transaction that depends on it, so that
 * whatever one instance of the service sets counts for all of them from then on.
 */
@Singleton
public class Controls {
    private final Map<String, CloudControl> known = new ConcurrentHashMap<>();

    /** What is set in a cloud as this transaction sees it. */
    public CloudControl of(Connection connection, String cloud) throws SQLException {
        return of(connection, List.of(cloud)).getOrDefault(cloud, CloudControl.UNSET);
    }

    /** The same of several clouds. */
    public Map<String, CloudControl> of(Connection connection, Collection<String> clouds) throws SQLException {
        Map<String, CloudControl> controls = new HashMap<>();
        for (Map.Entry<String, Long> version :
                ControlStore.versions(connection, clouds).entrySet()) {
            String cloud = version.getKey();
            CloudControl control = known.get(cloud);
            if (version.getValue() == 0) {
                control = CloudControl.UNSET;
            } else if (control == null || control.version() != version.getValue()) {
                control = ControlStore.load(connection, cloud, version.getValue());
                known.put(cloud, control);
            }
            controls.put(cloud, control);
        }
        return controls;
    }
}
