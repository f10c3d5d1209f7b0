/** What is measured, each against a limit taken in the same run. */
@NullMarked
package io.mooring.bench;

import org.jspecify.annotations.NullMarked;
