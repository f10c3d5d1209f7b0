/**
 * Keeps the rows of devices and of the cloud database in step. Decides whose write of a field stands, who hears of
 * it, and how far each device has followed; turns a cloud's schema into tables; and keeps Debezium, the only way
 * down, at work.
 */
@NullMarked
package io.mooring.sync;

import org.jspecify.annotations.NullMarked;
