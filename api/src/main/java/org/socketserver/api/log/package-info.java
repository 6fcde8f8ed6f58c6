/** The log of a server, for the modules of this framework: safe against throwing backends, forged records and floods. */
@NullMarked
package org.socketserver.api.log;

import org.jspecify.annotations.NullMarked;
