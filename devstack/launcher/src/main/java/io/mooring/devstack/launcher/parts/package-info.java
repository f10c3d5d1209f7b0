/**
 * What each component needs around it: PostgreSQL's binaries and roles, Kafka's topics, the server's
 * certificate, and the command line and environment of every process, all JVM settings in one place.
 */
@NullMarked
package io.mooring.devstack.launcher.parts;

import org.jspecify.annotations.NullMarked;
