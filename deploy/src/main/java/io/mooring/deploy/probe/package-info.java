/** Whether a container is well, asked from inside it: in each image, where there is no shell and no curl. */
@NullMarked
package io.mooring.deploy.probe;

import org.jspecify.annotations.NullMarked;
