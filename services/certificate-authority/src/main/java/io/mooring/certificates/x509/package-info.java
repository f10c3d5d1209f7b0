/**
 * X.509 and cryptography: reading certification requests, building, signing and checking
 * certificates, keeping private keys encrypted. All of it works on values; nothing here reads a
 * file, a database or the network.
 */
@NullMarked
package io.mooring.certificates.x509;

import org.jspecify.annotations.NullMarked;
