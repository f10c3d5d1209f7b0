/** Secrets as this service knows them: made once, kept as hashes, compared in constant time. */
@NullMarked
package io.mooring.provisioning.secrets;

import org.jspecify.annotations.NullMarked;
