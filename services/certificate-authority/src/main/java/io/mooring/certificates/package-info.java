/**
 * Decides which public keys get a certificate of this cloud, and which certificates no longer
 * count. It keeps the root and the issuing authorities, and is the only place where their private
 * keys are ever in the clear.
 */
@NullMarked
package io.mooring.certificates;

import org.jspecify.annotations.NullMarked;
