/**
 * Places on disk: the repository with what was built, and the data folder with its lock, secrets and
 * state. It decides whether a folder may be used.
 */
@NullMarked
package io.mooring.devstack.launcher.place;

import org.jspecify.annotations.NullMarked;
