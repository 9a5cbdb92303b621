"""Starts moto's server with atomic create-only writes, like those of S3.

moto checks whether a key exists and then writes it. On a busy machine two of sixteen concurrent writers passed both
steps, so this server serialises such writes. The usage is that of moto_server.
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
