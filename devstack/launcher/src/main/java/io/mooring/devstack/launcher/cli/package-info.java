/**
 * The commands of {@code ./mooring}: {@code up}, and thin clients of what runs. It decides what is
 * printed and with which code a command ends.
 */
@NullMarked
package io.mooring.devstack.launcher.cli;

import org.jspecify.annotations.NullMarked;
