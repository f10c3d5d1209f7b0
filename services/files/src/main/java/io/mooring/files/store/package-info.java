/** Keeps objects: in a folder of this machine, or in a bucket at any S3 endpoint. Streams; memory does not depend on sizes. */
@NullMarked
package io.mooring.files.store;

import org.jspecify.annotations.NullMarked;
