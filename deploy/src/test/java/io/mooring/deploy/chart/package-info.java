/** Holds the chart, the compose file and the code against each other. */
@NullMarked
package io.mooring.deploy.chart;

import org.jspecify.annotations.NullMarked;
