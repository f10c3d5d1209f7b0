/**
 * What an object may be called, where it lies, which part of it is asked for, and what a listing shows. Pure. A refusal
 * travels as a checked exception here, since it may come out of the middle of a stream.
 */
@NullMarked
package io.mooring.files.core;

import org.jspecify.annotations.NullMarked;
