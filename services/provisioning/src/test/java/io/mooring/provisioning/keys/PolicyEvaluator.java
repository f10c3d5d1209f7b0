package io.mooring.provisioning.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Decides as IAM does whether a policy allows something (IAM User Guide, "Policy evaluation logic"), as far as our
 * policies go: Allow and Deny, Action and Resource with wildcards, StringEquals and StringLike.
 */
public final class PolicyEvaluator {
    private final JsonNode policy;

    public PolicyEvaluator(String text) throws Exception {
        this.policy = new ObjectMapper().readTree(text);
    }

    public boolean allows(String action, String resource, Map<String, String> context) {
        boolean allowed = false;
        for (JsonNode statement : policy.path("Statement")) {
            boolean applies = anyMatches(statement.path("Action"), action, true)
                    && anyMatches(statement.path("Resource"), resource, false)
                    && conditionsHold(statement.path("Condition"), context);
            if (applies && statement.path("Effect").asText().equals("Deny")) {
                return false;
            }
            allowed |= applies && statement.path("Effect").asText().equals("Allow");
        }
        return allowed;
    }

    private static boolean conditionsHold(JsonNode conditions, Map<String, String> context) {
        for (Map.Entry<String, JsonNode> operator : conditions.properties()) {
            for (Map.Entry<String, JsonNode> key : operator.getValue().properties()) {
                String value = context.get(key.getKey());
                boolean holds = value != null
                        && switch (operator.getKey()) {
                            case "StringEquals" -> key.getValue().asText().equals(value);
                            case "StringLike" -> anyMatches(key.getValue(), value, false);
                            default -> throw new IllegalArgumentException(operator.getKey());
                        };
                if (!holds) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean anyMatches(JsonNode patterns, String text, boolean ignoreCase) {
        if (!patterns.isArray()) {
            return matches(patterns.asText(), text, ignoreCase);
        }
        for (JsonNode pattern : patterns) {
            if (matches(pattern.asText(), text, ignoreCase)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, String text, boolean ignoreCase) {
        StringBuilder regex = new StringBuilder();
        for (char c : pattern.toCharArray()) {
            regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(regex.toString(), ignoreCase ? Pattern.CASE_INSENSITIVE : 0)
                .matcher(text)
                .matches();
    }
}
