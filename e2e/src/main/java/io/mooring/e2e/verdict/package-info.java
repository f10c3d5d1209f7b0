/**
 * Whether a history of operations on a cloud and its devices keeps what docs/sync.md promises. Reads nothing but the
 * history (docs/check-sync.md), so that anybody can check one again.
 */
@NullMarked
package io.mooring.e2e.verdict;

import org.jspecify.annotations.NullMarked;
