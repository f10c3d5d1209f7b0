/**
 * The device's own database: an SQLite file with a table per model, which the application reads and
 * writes by plain SQL from any process. Triggers note what was written; from that come the clocks of
 * rows and the queue of what the cloud has yet to acknowledge, all in the same file and so always in
 * step with it.
 */
@NullMarked
package io.mooring.agent.db;

import org.jspecify.annotations.NullMarked;
