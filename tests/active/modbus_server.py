#!/usr/bin/env python3
"""modbus_server.py PORT: pymodbus with an identity."""
import sys
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartTcpServer

store = ModbusSlaveContext(hr=ModbusSequentialDataBlock(0, [1] * 100))
identity = ModbusDeviceIdentification(info_name={
    'VendorName': 'Acme Pumps', 'ProductCode': 'AP-200', 'MajorMinorRevision': '3.1.4',
    'ProductName': 'Pump', 'ModelName': 'AP-200-X'})
StartTcpServer(context=ModbusServerContext(slaves=store, single=True), identity=identity,
               address=('127.0.0.1', int(sys.argv[1])))
