/**
 * Logs: lines that devices log. Decides which are kept and how long, keeps each once and in its order, answers people who
 * search and follow them, speaks the form of CloudWatch Logs to devices, and hands on what it keeps.
 */
@NullMarked
package io.mooring.logs;

import org.jspecify.annotations.NullMarked;
