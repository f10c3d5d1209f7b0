package io.mooring.messaging.core.shadow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What is asked of a shadow. */
public sealed interface ShadowRequest {
    /** Up to 64 bytes that come back with the answer. */
    Optional<String> clientToken();

    /** All of it. */
    record Get(Optional<String> clientToken) implements ShadowRequest {}

    /** Its end. */
    record Delete(Optional<String> clientToken) implements ShadowRequest {}

    /**
     * Some of its fields.
     *
     * @param state as sent; null to remove both sections
     * @param version what the shadow's must be, if given
     */
    record Update(@Nullable ObjectNode state, OptionalLong version, Optional<String> clientToken)
            implements ShadowRequest {}
}
