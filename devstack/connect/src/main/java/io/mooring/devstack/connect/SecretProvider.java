package io.mooring.devstack.connect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.provider.ConfigProvider;

/**
 * Fills in {@code ${env:NAME}} of a connector's configuration: from the environment variable NAME, or from the file
 * that NAME_FILE names. Only names that begin with {@code MOORING_} are told.
 */
public final class SecretProvider implements ConfigProvider {
    private static final String ALLOWED = "MOORING_";

    private final Map<String, String> environment = System.getenv();

    @Override
    public void configure(Map<String, ?> settings) {
        // There is nothing to choose.
    }

    @Override
    public ConfigData get(String path) {
        throw new ConfigException("ask for a variable by its name: ${env:MOORING_…}");
    }

    @Override
    public ConfigData get(String path, Set<String> keys) {
        Map<String, String> found = new HashMap<>();
        for (String key : keys) {
            String value = key.startsWith(ALLOWED) ? environment.get(key) : null;
            String file = key.startsWith(ALLOWED) ? environment.get(key + "_FILE") : null;
            if (value != null) {
                found.put(key, value);
            } else if (file != null) {
                found.put(key, read(key, Path.of(file)));
            }
        }
        return new ConfigData(found);
    }

    private static String read(String key, Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException unreadable) {
            throw new ConfigException(key, file, "cannot be read: " + unreadable.getMessage());
        }
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
