/** The images Mooring ships, and how they are made from what the build has made. */
@NullMarked
package io.mooring.deploy.images;

import org.jspecify.annotations.NullMarked;
