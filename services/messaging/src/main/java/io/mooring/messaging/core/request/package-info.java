/** What devices ask and are asked, and what is answered (device protocol, section 2). */
@NullMarked
package io.mooring.messaging.core.request;

import org.jspecify.annotations.NullMarked;
