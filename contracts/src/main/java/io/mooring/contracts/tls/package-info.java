/** What every server of ours that speaks TLS does alike. */
@NullMarked
package io.mooring.contracts.tls;

import org.jspecify.annotations.NullMarked;
