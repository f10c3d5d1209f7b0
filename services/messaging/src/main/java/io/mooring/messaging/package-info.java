/**
 * Messaging: how people's own programs meet devices. It decides which applications there are and what they may, what
 * becomes of a command, what a device's shadows hold, and which devices are connected. Down it goes as rows of the
 * cloud tables, up as everything else.
 */
@NullMarked
package io.mooring.messaging;

import org.jspecify.annotations.NullMarked;
