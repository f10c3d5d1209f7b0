/** The certificate authority, as this service calls it over HTTP. */
@NullMarked
package io.mooring.provisioning.authority;

import org.jspecify.annotations.NullMarked;
