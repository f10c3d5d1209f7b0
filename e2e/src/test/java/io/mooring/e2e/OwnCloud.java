package io.mooring.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Tests that start a cloud of their own: one class of them at a time, beside those that share {@link WholeCloud}. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("a cloud of its own")
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface OwnCloud {}
