/**
 * Keeps the audit trail. Decides nothing about anybody: takes in what every service says was done and refused, each once;
 * writes it to log files that are signed and chained by digests, so that nobody can change it quietly; and answers who did
 * what.
 */
@NullMarked
package io.mooring.audit;

import org.jspecify.annotations.NullMarked;
