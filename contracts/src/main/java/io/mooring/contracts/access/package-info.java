/**
 * Access keys: what a device signs requests with, and how such a request is verified. A key is a triple (id, secret,
 * session token) as AWS' temporary credentials are; requests are signed by Signature Version 4, so that AWS' tools and
 * SDKs are the clients. Nothing is stored: the secret is derived from a master key and the session token, which says
 * whose key it is and is itself authenticated by the master key.
 *
 * <p>Pure functions: the clock, chance and the request come in as arguments. A service that verifies adds three things
 * of its own: whether the device is still who it was (registry), what the operation may touch, and the form of errors.
 */
@NullMarked
package io.mooring.contracts.access;

import org.jspecify.annotations.NullMarked;
