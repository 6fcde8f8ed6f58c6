/** Helpers of this project: logging, text of addresses, checks of arguments, threads. Not exported. */
@NullMarked
package org.socketserver.api.internal;

import org.jspecify.annotations.NullMarked;
