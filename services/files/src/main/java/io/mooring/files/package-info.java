/**
 * Keeps devices' files. Decides who may read and write what: a device its own, with the access key it was given, for as
 * long as the registry says that it is still the one that got the key. Speaks the wire form of Amazon S3, so that AWS'
 * tools and SDKs are the clients.
 */
@NullMarked
package io.mooring.files;

import org.jspecify.annotations.NullMarked;
