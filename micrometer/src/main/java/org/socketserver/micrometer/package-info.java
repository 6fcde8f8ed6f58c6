/** Binds the counters and gauges of a server to the registries of Micrometer. */
@NullMarked
package org.socketserver.micrometer;

import org.jspecify.annotations.NullMarked;
