/** What services do alike, whatever they decide. It decides nothing itself, and knows no topic, table or path. */
@NullMarked
package io.mooring.chassis;

import org.jspecify.annotations.NullMarked;
