package io.mooring.messaging.core;

import java.util.List;

/** A condition on devices, such as {@code product = acme-meter and version < 2}. Read by {@link QueryReader}. */
public sealed interface Query {
    /** All of them hold. */
    record And(List<Query> parts) implements Query {
        public And {
            parts = List.copyOf(parts);
        }
    }

    /** One of them holds. */
    record Or(List<Query> parts) implements Query {
        public Or {
            parts = List.copyOf(parts);
        }
    }

    /** It does not hold. */
    record Not(Query part) implements Query {}

    /** A field lies so to a value. */
    record Comparison(String field, Operator operator, String value) implements Query {}

    /** A field is one of these. */
    record OneOf(String field, List<String> values) implements Query {
        public OneOf {
            values = List.copyOf(values);
        }
    }

    /** A text field is of this form: {@code *} stands for any characters, {@code ?} for one. */
    record Like(String field, String pattern) implements Query {}

    /** How a field lies to a value; a field that is not there lies to none. */
    enum Operator {
        EQUAL("="),
        DIFFERENT("!="),
        LESS("<"),
        AT_MOST("<="),
        MORE(">"),
        AT_LEAST(">=");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }

        /** As queries and SQL both write it. */
        public String sign() {
            return sign;
        }
    }
}
