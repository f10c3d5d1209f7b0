/** Messaging's tables, by explicit SQL, and its outbox. */
@NullMarked
package io.mooring.messaging.db;

import org.jspecify.annotations.NullMarked;
