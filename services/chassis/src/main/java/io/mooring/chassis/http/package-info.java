/** HTTP: the certificate of the port, limits of rates, and how a refusal looks. */
@NullMarked
package io.mooring.chassis.http;

import org.jspecify.annotations.NullMarked;
