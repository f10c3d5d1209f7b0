package io.mooring.provisioning.core;

import java.util.function.Function;

/**
 * Either what was asked for, or why it was refused.
 *
 * @param <T> what was asked for
 */
public sealed interface Outcome<T> {
    /** It was done. */
    record Done<T>(T value) implements Outcome<T> {}

    /** It was not done. */
    record Refused<T>(Refusal refusal) implements Outcome<T> {}

    static <T> Outcome<T> done(T value) {
        return new Done<>(value);
    }

    static <T> Outcome<T> refused(String code, String detail) {
        return new Refused<>(new Refusal(code, detail));
    }

    /** Goes on with the value, or stays refused. */
    default <R> Outcome<R> then(Function<T, Outcome<R>> next) {
        return switch (this) {
            case Done<T>(T value) -> next.apply(value);
            case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
        };
    }
}
