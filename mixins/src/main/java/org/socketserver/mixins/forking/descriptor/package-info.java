/**
 * Passing connections as file descriptors: the only code of this module that uses junixsocket, which is optional.
 * {@link org.socketserver.mixins.forking.descriptor.DescriptorPassing} is called first; the rest is used only if it
 * returns no obstacle.
 */
@NullMarked
package org.socketserver.mixins.forking.descriptor;

import org.jspecify.annotations.NullMarked;
