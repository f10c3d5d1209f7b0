/** Messaging's rules, pure: what becomes of commands, who may reach which device, how queries are read. */
@NullMarked
package io.mooring.messaging.core;

import org.jspecify.annotations.NullMarked;
