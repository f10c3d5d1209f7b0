/**
 * What a certificate of this cloud may say, decided without touching anything: no keys, no clock,
 * no randomness. Facts come in as arguments; plans and refusals come out.
 */
@NullMarked
package io.mooring.certificates.core;

import org.jspecify.annotations.NullMarked;
