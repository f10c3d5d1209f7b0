/** Tests. */
@NullMarked
package io.mooring.devstack.launcher.cli;

import org.jspecify.annotations.NullMarked;
