"""Starts the server of moto with atomic create-only writes. Create-only writes of S3 are also atomic.

moto checks whether a key exists, and then writes the key. On a busy machine, two of sixteen concurrent writers passed
the check and wrote the key. So this server handles one create-only write at a time. The arguments are those of
moto_server.
"""

import threading

from moto import server

ONE_AT_A_TIME = threading.Lock()
dispatch = server.DomainDispatcherApplication.__call__


def serve(self, environ, start_response):
    if environ["REQUEST_METHOD"] == "PUT" and "HTTP_IF_NONE_MATCH" in environ:
        with ONE_AT_A_TIME:
            return dispatch(self, environ, start_response)
    return dispatch(self, environ, start_response)


server.DomainDispatcherApplication.__call__ = serve

if __name__ == "__main__":
    server.main()
