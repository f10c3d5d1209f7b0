package io.mooring.devstack.launcher.parts;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What processes inherit of our environment: what finds programs and files, nothing else. A setting
 * in a developer's shell must not change what runs.
 */
final class Environment {
    private static final List<String> INHERITED = List.of("PATH", "HOME", "TZ");

    private Environment() {}

    static Map<String, String> plain() {
        Map<String, String> environment = new HashMap<>();
        for (String name : INHERITED) {
            String value = System.getenv(name);
            if (value != null) {
                environment.put(name, value);
            }
        }
        environment.put("LC_ALL", "C.UTF-8");
        // glibc keeps an arena for each thread else, tens of megabytes in all.
        environment.put("MALLOC_ARENA_MAX", "2");
        return environment;
    }

    static Map<String, String> plainAnd(Map<String, String> more) {
        Map<String, String> environment = plain();
        environment.putAll(more);
        return environment;
    }
}
