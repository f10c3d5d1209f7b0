package io.mooring.logs.core;

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

    /**
     * What comes after.
     *
     * @param <E> what it may throw
     */
    @FunctionalInterface
    interface Step<T, R, E extends Exception> {
        Outcome<R> apply(T value) throws E;
    }

    /** Goes on with the value, or stays refused. */
    default <R, E extends Exception> Outcome<R> then(Step<? super T, R, E> next) throws E {
        return switch (this) {
            case Done<T>(T value) -> next.apply(value);
            case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
        };
    }
}
