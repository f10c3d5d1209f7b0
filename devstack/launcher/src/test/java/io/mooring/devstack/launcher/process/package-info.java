/** Tests. */
@NullMarked
package io.mooring.devstack.launcher.process;

import org.jspecify.annotations.NullMarked;
