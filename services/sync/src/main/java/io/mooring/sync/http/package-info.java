/** Sync's HTTP door: schemas of clouds, for services and operators of this installation. */
@NullMarked
package io.mooring.sync.http;

import org.jspecify.annotations.NullMarked;
