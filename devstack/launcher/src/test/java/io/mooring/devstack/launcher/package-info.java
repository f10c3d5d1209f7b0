/** Tests of the launcher: units by themselves, and real processes started, killed and started again. */
@NullMarked
package io.mooring.devstack.launcher;

import org.jspecify.annotations.NullMarked;
