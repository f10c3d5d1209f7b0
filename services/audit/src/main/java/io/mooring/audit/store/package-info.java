/** Where the trail's objects lie: a folder, or a bucket. Written once, never changed. */
@NullMarked
package io.mooring.audit.store;

import org.jspecify.annotations.NullMarked;
