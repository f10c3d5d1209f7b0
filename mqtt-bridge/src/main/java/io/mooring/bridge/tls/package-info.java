/** Hears of client certificates that the TLS handshake refuses, before the broker's extensions see a client. */
@NullMarked
package io.mooring.bridge.tls;

import org.jspecify.annotations.NullMarked;
