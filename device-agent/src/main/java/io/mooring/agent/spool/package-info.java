/** What waits on the disk until the cloud says that it has it: batches of entries, sent one by one until each is acknowledged. */
@NullMarked
package io.mooring.agent.spool;

import org.jspecify.annotations.NullMarked;
